import JobQueue
import JobQueueTestKit
import Testing

/// The examples of Documentation/JobQueue.md on testing jobs, as they are there.
private struct SendInvoice: JobParameters {
    static let kind = "send-invoice"
    static let options = JobOptions(queue: "mail")
    var invoice: Int
}

private struct Mailer: Sendable {
    var isAway = false
    func send(_ invoice: Int) async throws {}
}

private struct InvoiceSender: JobHandler {
    let mailer: Mailer

    func run(_ parameters: SendInvoice, _ context: JobContext) async throws {
        if mailer.isAway { throw JobControl.snooze(.seconds(60)) }
        try await mailer.send(parameters.invoice)
    }
}

private func placeOrder(_ number: Int, _ client: JobClient) async throws {
    _ = try await client.enqueue(SendInvoice(invoice: number))
}

@Test func `an order sends its invoice`() async throws {
    let store = MemoryJobStore()
    try await placeOrder(7, JobClient(store: store))
    try await store.assertEnqueued(SendInvoice.self, in: "mail", count: 1) { $0.invoice == 7 }
    try await store.assertNotEnqueued(SendInvoice.self) { $0.invoice != 7 }
}

@Test func `an invoice waits for a mailer that is away`() async throws {
    let sender = InvoiceSender(mailer: Mailer(isAway: true))
    let run = try await perform(SendInvoice(invoice: 7), options: .init(attempt: 2), with: sender)
    #expect(run.outcome == .snoozed(.seconds(60)))
}
