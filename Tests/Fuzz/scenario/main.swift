import Foundation

// A scenario that is taken must read back from its own text, and give the same text again: patients depend on it.
exit(
    fuzz { bytes, count in
        let input = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
        guard let scenario = try? Scenario(json: input) else { return 0 }
        guard let again = try? Scenario(scenario.value) else { preconditionFailure("does not read back") }
        precondition(again.value.json == scenario.value.json, "reads back as another")
        return 0
    })
