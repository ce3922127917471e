"""How DICOM, 16-bit images and stacks are displayed: window, frame, histogram."""
