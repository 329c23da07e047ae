"""Background work: the engine, its store, and the tasks it runs."""
