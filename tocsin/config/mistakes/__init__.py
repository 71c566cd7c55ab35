"""What can be wrong in config.yaml, in words: the key, what is wrong, and how to mend it."""
