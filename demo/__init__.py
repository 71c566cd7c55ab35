"""A sample wire day with its own little world: news sites, a Slack, a mail server, and the truth about it all."""
