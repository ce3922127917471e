"""The Predict page: predictions for new pictures, heat maps, similar training images."""
