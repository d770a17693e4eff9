"""What those who work on the suite run: the matrix, the comparison, the benchmarks."""
