"""Documents that were read are judged here: on our own machine, without a GPU, in batches at half the price."""
