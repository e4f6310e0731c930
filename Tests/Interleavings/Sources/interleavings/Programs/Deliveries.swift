import Interleaving

/// One result, brought before, while and after its waiter goes to sleep.
let deliveries: [Program] = [
    Program("a delivery that another thread brings") {
        let delivery = Delivery(until: 0)
        let begun = Gate(isOpen: false)
        let threads: [(ModelTask, () async -> Void)] = [
            (
                ModelTask(),
                {
                    let value = await delivery.wait { scheduler.open(begun) }
                    if value != 7 { scheduler.fail("\(value) was delivered instead of 7") }
                }
            ),
            (
                ModelTask(),
                {
                    scheduler.pass(begun, closing: false, "program", "waits for the start")
                    delivery.bring(7)
                }
            ),
        ]
        _ = play(threads)
    },
    Program("a delivery that the waiter brings itself") {
        let delivery = Delivery(until: 0)
        let threads: [(ModelTask, () async -> Void)] = [
            (
                ModelTask(),
                {
                    let value = await delivery.wait { delivery.bring(7) }
                    if value != 7 { scheduler.fail("\(value) was delivered instead of 7") }
                }
            )
        ]
        _ = play(threads)
    },
]
