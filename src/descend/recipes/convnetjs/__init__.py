"""The networks that learn in the browser on the pages of ConvNetJS."""
