"""Challenges: one file each, named after AWS's ChallengeName. Each asks, and checks the answer; none calls another."""
