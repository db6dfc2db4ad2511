"""A number, whole or not: checked signatures tell the two apart, lengths and values do not."""

Real = float | int
