"""Drawings of the pages, each on given axes. Their colours are those of the style in force."""
