import Interleaving

// interleavings [--long]                    all programs, and all mutations, each in a process of its own
// interleavings [--long] --mutation NUMBER  the programs with one mutation; ends with 10 when a program fails
//
// --long goes further: it takes minutes.
let arguments = CommandLine.arguments.dropFirst()
let isLong = arguments.contains("--long")
let effort = isLong ? Effort.long : Effort.short

if let flag = arguments.firstIndex(of: "--mutation"), flag + 1 < CommandLine.arguments.count {
    guard let number = Int(CommandLine.arguments[flag + 1]), Mutation.all.indices.contains(number) else {
        say("error: mutations are numbered from 0 to \(Mutation.all.count - 1)")
        leave(2)
    }
    leave(tries(Mutation.all[number], effort) ? 10 : 0)
}
var isRight = allSucceed(effort)
isRight = allOrderingsAreJudged() && isRight
isRight = allMutationsAreJudged(isLong) && isRight
leave(isRight ? 0 : 1)
