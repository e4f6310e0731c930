#if Sealing
    import Crypto
    import Foundation
    import JobQueue
    import JobQueueTestKit
    import JobSealing
    import Testing

    /// Returns the number of its invoice, by way of a checkpoint.
    private struct SendInvoice: JobParameters {
        typealias Output = Int
        static let kind = "send-invoice"
        static let options = JobOptions(retry: .constant(.zero, maxAttempts: 2))
        var invoice: Int
    }

    /// The same data, of another kind.
    private struct Refund: JobParameters {
        typealias Output = Int
        static let kind = "refund"
        var invoice: Int
    }

    private func drain(_ store: any JobStore, _ sealing: any PayloadSealing) throws -> InlineDrain {
        try InlineDrain(store: store, sealing: sealing) { jobs in
            jobs.register(SendInvoice.self) { parameters, context in
                if let saved = try context.restore(Int.self) { return saved }
                try await context.checkpoint(parameters.invoice)
                throw JobControl.retry(after: .zero)
            }
            jobs.register(Refund.self) { parameters, _ in parameters.invoice }
        }
    }

    @Suite struct SealedJobsTests {
        private let keys = ["2025": SymmetricKey(size: .bits256), "2026": SymmetricKey(size: .bits256)]

        @Test func `a job goes through a rotation of keys`() async throws {
            let before = try AESGCMSealing(keys: keys.filter { $0.key == "2025" }, sealingWith: "2025")
            let after = try AESGCMSealing(keys: keys, sealingWith: "2026")
            let store = MemoryJobStore()
            let handle = try await JobClient(store: store, sealing: before).enqueue(SendInvoice(invoice: 7_654_321))
            try await drain(store, after).run()
            let client = JobClient(store: store, sealing: after)
            #expect(try await client.handle(handle.id, of: SendInvoice.self).result() == 7_654_321)
            // Nothing in the store shows it, and the result needs the new key.
            let record = try #require(try await handle.status())
            for bytes in [record.job.payload, record.checkpoint, record.result] {
                #expect(!String(decoding: try #require(bytes), as: UTF8.self).contains("7654321"))
            }
            let error = await #expect(throws: JobError.self) { try await handle.result() }
            #expect(error?.code == .sealingFailed && (error?.underlying as? SealingError)?.code == .unknownKey)
        }

        @Test func `sealed data that is moved to another kind is refused`() async throws {
            let sealing = try AESGCMSealing(keys: keys, sealingWith: "2026")
            let store = MemoryJobStore()
            var job = try JobClient(store: store, sealing: sealing).prepare(SendInvoice(invoice: 7))
            job.kind = Refund.kind
            _ = try await store.enqueue([job])
            let ended = try await drain(store, sealing).run()
            guard case .retry(_, let text) = ended.first?.outcome else { Issue.record("\(ended)"); return }
            #expect(text.hasPrefix("sealingFailed: the payload of a job refund cannot be opened (notAuthentic: "))
        }

        @Test func `every flip of a single bit of a stored result is refused`() throws {
            for accepted in [Set<SealedContent.Part>(), [.result, .checkpoint]] {
                let sealing = try AESGCMSealing(keys: keys, sealingWith: "2026", acceptingUnsealed: accepted)
                var record = JobRecord(
                    job: NewJob(kind: "k"), state: .completed, createdAt: .distantPast, runAt: .distantPast)
                let sealed = try SealedForm.seal(Array("12345".utf8), for: SealedContent(.result, of: "k"), by: sealing)
                for bit in 0..<(8 * sealed.count) {
                    var flipped = sealed
                    flipped[bit / 8] ^= 1 << (bit % 8)
                    record.result = flipped
                    let error = #expect(throws: JobError.self) { try record.result(as: Int.self, sealing: sealing) }
                    // Without its marker it is taken for unsealed where that is accepted, and is no JSON.
                    let isUnsealed = bit < 40 && !accepted.isEmpty
                    #expect(error?.code == (isUnsealed ? .decodingFailed : .sealingFailed), "bit \(bit)")
                }
                record.result = sealed
                #expect(try record.result(as: Int.self, sealing: sealing) == 12345)
            }
        }

        @Test func `jobs of before the sealing run while that is accepted`() async throws {
            let store = MemoryJobStore()
            let handle = try await JobClient(store: store).enqueue(Refund(invoice: 5))
            let sealing = try AESGCMSealing(
                keys: keys, sealingWith: "2026", acceptingUnsealed: Set(SealedContent.Part.allCases))
            try await drain(store, sealing).run()
            #expect(
                try await JobClient(store: store, sealing: sealing).handle(handle.id, of: Refund.self).result() == 5)

            _ = try await JobClient(store: store).enqueue(Refund(invoice: 5))
            let strict = try AESGCMSealing(keys: keys, sealingWith: "2026")
            let ended = try await drain(store, strict).run()
            guard case .retry(_, let text) = ended.first?.outcome else { Issue.record("\(ended)"); return }
            #expect(text.contains("malformed: the payload of a job refund is not sealed with AES-GCM"))
        }
    }
#endif
