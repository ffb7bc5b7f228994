"""Fonts of captions: subsets of Noto, under the SIL Open Font License 1.1 (``OFL.txt``)."""
