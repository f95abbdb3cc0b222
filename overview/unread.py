"""The number on the rail's inbox: counted again only when the inbox changed, so that most pages ask nothing.

What changes without a mark (a repair by hand) shows within the minute.
"""

from __future__ import annotations

from inbox import live
from inbox.selectors import unread_total
from saifa_crm.lib.kept import Kept

rail_unread: Kept[int] = Kept("kept:rail-unread", unread_total, follows=live.KEY)
