import { rm } from 'node:fs/promises'
import { measureGrowth, measureInterpreter } from './growth.ts'
import { describeMachine } from './machine.ts'
import { isQuick, makeFolder, plan } from './plan.ts'
import { growthPromises, interpreterPromises, trafficPromises } from './promises.ts'
import { figureTable, ratioTable, weightTable } from './table.ts'
import { measureTraffic } from './traffic.ts'

const folder = makeFolder()
try {
  const machine = describeMachine(folder)
  const traffic = await measureTraffic(folder)
  const interpreter = await measureInterpreter()
  const growth = await measureGrowth(folder)
  const promises = [
    ...trafficPromises(traffic),
    ...interpreterPromises(interpreter),
    ...growthPromises(growth, plan),
  ]
  const warning = isQuick
    ? ['**A quick run: it shows that all runs; the figures mean little.**']
    : []
  print(...warning, machine.map((line) => `- ${line}`).join('\n'))
  print(ratioTable(promises), figureTable(traffic), weightTable(traffic, growth))
} finally {
  await rm(folder, { recursive: true, force: true })
}

function print(...parts: readonly string[]): void {
  process.stdout.write(parts.map((part) => `${part}\n\n`).join(''))
}
