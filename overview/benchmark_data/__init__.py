"""A shop of any size for measuring: invented people, chats and orders, the same at every load."""
