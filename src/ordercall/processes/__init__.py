"""The processes of one machine: how they are started together, watched and ended, and what they find taken."""
