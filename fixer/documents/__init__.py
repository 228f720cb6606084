"""Lossless documents: text with a tree over it, edited by spans. Knows neither stacks nor fixes."""
