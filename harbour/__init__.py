"""Harbour: answers about naltrexone and heroin addiction from one guide, and nobody in danger goes by."""
