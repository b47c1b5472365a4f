"""OData 4: `ODataAdapter` and what it is made of."""
