"""One file per step, ``mNNNN_name.py`` with ``migrate(db)``; a step that was released is never edited."""
