"""The labs' figures: settings in, panels out. The mathematics is attention.core's, the drawing attention.views'."""
