include { REPORT_COHORT } from './report_cohort'
include { library_of } from '../library'

// From the result folders of many patients to frequencies, pairs, pictures and the page.
workflow COHORT {
    take:
    folders // [P1/, P2/, ...] of this run, or folders made earlier
    manifests // [P1.manifest.json, ...] of this run; [] when each folder has its own
    state // state.npz of an earlier count, so that only new patients are read; or []
    settings // plain values: pseudonym_key, cohort_mixed, seed

    main:
    key = settings.pseudonym_key ? file(settings.pseudonym_key, checkIfExists: true) : []
    REPORT_COHORT(folders, manifests, key, state, options_of(settings), library_of('report_cohort.py'))

    emit:
    REPORT_COHORT.out
}

def options_of(settings) {
    def allowed = settings.cohort_mixed ? ' --allow-mixed-builds --allow-mixed-versions' : ''
    return "--seed ${settings.seed}${allowed}".toString()
}
