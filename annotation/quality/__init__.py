"""Who can be trusted: measures of people and of their agreement, and the rules that set people aside."""
