"""Tests that click through the product in a real browser."""
