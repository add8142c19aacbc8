"""Checks of a live HLS presentation against RFC 8216bis; `check-hls.py` beside this folder is the command."""
