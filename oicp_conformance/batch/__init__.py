"""Several targets judged side by side: each in a run of its own, and one page over all."""
