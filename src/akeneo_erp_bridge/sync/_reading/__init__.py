"""What a run reads of the ERP: from where, how much, and what all of it does not show."""
