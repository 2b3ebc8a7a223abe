"""Operators that encode a single frame of video. They need PyAV: `pip install 'bappsmith[video]'`."""
