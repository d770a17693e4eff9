"""The reference CPO and EMP: targets that keep OICP 2.3."""
