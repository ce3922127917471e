"""The Predict page: answers for new pictures, heat maps, similar training images, the answer table."""
