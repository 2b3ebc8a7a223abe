"""Real algorithms: each degrades an image and restores it. A folder per task, which is the family of its operators."""
