import Foundation
import PatientExport

// A file made with the fewest rounds is changed as the input says; nothing that was changed may be given as whole. Its key is
// derived once, for the head stays as it is in most inputs; a changed head must be refused.
private let plain = (0..<200).map { UInt8(truncatingIfNeeded: $0) }
private let password = "correct horse"
private let whole: [UInt8] = {
    var output: [UInt8] = []
    guard var encryptor = try? Encryptor(password: password, rounds: 210_000) else { return [] }
    try? encryptor.append(plain[...], into: &output)
    try? encryptor.finish(into: &output)
    return output
}()
private let opened: Decryptor = {
    var decryptor = Decryptor(password: password)
    var nothing: [UInt8] = []
    try? decryptor.append(whole[..<48], into: &nothing)
    return decryptor
}()
precondition(whole.count > plain.count, "the file to change was not made")

exit(
    fuzz { bytes, count in
        guard count > 0, let bytes else { return 0 }
        let input = Array(UnsafeBufferPointer(start: bytes, count: count))
        var output: [UInt8] = []
        do {
            if input[0] & 1 == 0 {
                // As a whole file. A head that asks for millions of rounds is not waited for here.
                guard !input.dropFirst().starts(with: whole[..<8]) || input.count < 49 else { return 0 }
                var decryptor = Decryptor(password: password)
                try decryptor.append(input[1...], into: &output)
                try decryptor.finish(into: &output)
                preconditionFailure("bytes that nobody encrypted are taken")
            }
            // As what follows a good head: xored into the records, in pieces of odd sizes.
            var records = Array(whole[48...])
            for (index, byte) in input.dropFirst().enumerated() {
                if index < records.count { records[index] ^= byte } else { records.append(byte) }
            }
            let isSame = records == Array(whole[48...])
            var decryptor = opened
            let step = Int(input[0] >> 1) + 1
            for start in stride(from: 0, to: records.count, by: step) {
                try decryptor.append(records[start..<min(start + step, records.count)], into: &output)
            }
            try decryptor.finish(into: &output)
            precondition(isSame && output == plain, "changed records are taken")
        } catch { return 0 }
        return 0
    })
