"""Telegram: files and questions in, answers and notices out."""
