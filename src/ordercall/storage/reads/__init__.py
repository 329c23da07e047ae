"""What pages read: lists, counters, reports, the search. It writes no rows but those of counters and search."""
