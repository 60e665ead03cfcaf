"""A picture as a person sees it: which frames are pages, upright, on white paper."""
