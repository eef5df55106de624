"""Many shots from one table: what to render, who renders it, and what has been rendered."""
