"""Drawing of the sample pictures: leaves on varied ground, as a phone would photograph them."""
