"""What a person reads and looks at: card, contact sheets, overview."""
