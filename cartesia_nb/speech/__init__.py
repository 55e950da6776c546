"""Speech without a notebook: settings, the connection, contexts and the takes they leave."""
