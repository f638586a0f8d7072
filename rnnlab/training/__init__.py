"""The training loop: a generator of events.

session     puts a sitting together: corpus, run folder, network, trainer
trainer     the loop itself
step, optimizers, muon, schedule, batches     what an update is made of
validation, divergence, previews, judging, verdicts   what watches it
resumed_engine                     which layer engine a run goes on with
ranks, rank_stepper, follower      several processes that train one run
bench       what this machine does in a second
state, store    what is kept between two updates
steering, clock commands, signals and time
"""
