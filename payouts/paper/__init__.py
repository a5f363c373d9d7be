"""What documents are drawn with: type, and pages of A4. Its fractions are millimetres and points, never money."""
