"""The demo shop: invented people, posted through the running server's own webhooks."""
