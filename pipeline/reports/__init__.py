"""Reports for people: card, contact sheets, overview."""
