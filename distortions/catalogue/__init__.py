"""The catalogue: what is known of an operator as a card, and pages with pictures made from the cards."""
