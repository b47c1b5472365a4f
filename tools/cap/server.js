// CAP listens on every address of a machine; this one is for the machine alone.
const cds = require('@sap/cds')

cds.on('bootstrap', app => {
  const listen = app.listen.bind(app)
  app.listen = port => listen(port, '127.0.0.1')
})

module.exports = cds.server
