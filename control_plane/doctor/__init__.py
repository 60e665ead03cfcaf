"""Does at each vendor what production does, by the functions production calls, and names each fault and its mend."""
