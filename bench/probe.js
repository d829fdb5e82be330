/** Loaded into each server: tells the benchmark what the process uses. */
process.on('message', (question) => {
  if (question === 'cpu') process.send({ answer: process.cpuUsage() })
  if (question === 'memory') {
    globalThis.gc()
    const { heapUsed, external } = process.memoryUsage()
    process.send({ answer: heapUsed + external })
  }
})
process.channel?.unref()
