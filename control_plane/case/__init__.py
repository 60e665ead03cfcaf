"""The case, not the page: people, events, orders, pairs of statements, and what persons decide about them."""
