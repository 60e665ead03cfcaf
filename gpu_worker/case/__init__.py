"""What papers say of a case: statements, times, people, amounts, terms of orders; and which are copies (pure)."""
