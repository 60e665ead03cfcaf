"""The worker: claims documents, reads their pages, analyses them and publishes the results."""
