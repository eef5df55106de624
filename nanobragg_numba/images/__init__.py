"""What is around an image: geometry in the frame of each file format, writers, predictions, pictures."""
